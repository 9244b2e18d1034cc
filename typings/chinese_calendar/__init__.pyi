from datetime import date

holidays: dict[date, str]
workdays: dict[date, str]

def is_workday(date: date) -> bool: ...
