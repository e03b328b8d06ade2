"""`python -m pyspark_compat script.py args`: runs a script with `pyspark` meaning this package."""
from pyspark_compat._run import main

if __name__ == "__main__":
    main()
