"""What operators (运维) do from a shell, the same in every service: ``python -m services.<name> <command>``.

Exit codes: 0 done, or nothing found; 1 refused, not successful, or something found; 2 wrongly used, or what is
needed is not there.
"""
