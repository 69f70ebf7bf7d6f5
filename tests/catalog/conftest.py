import zoneinfo

zoneinfo.reset_tzpath(())  # the rules that the project pins, not those of the host
