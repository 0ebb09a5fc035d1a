"""`python -m evalctl`: the command line of the very interpreter that is asked."""

from evalctl.cli import main

if __name__ == "__main__":
    main()
