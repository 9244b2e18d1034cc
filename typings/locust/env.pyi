from locust.event import Events
from locust.runners import Runner

class Environment:
    events: Events
    runner: Runner
    web_ui: object | None
    process_exit_code: int | None
