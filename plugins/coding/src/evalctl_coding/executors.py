"""What the category's programs find and may use, in whichever sandbox a run takes."""

from __future__ import annotations

from evalctl import ExecutorSpec, Limits, Profile

functions = ExecutorSpec(
    name="coding",
    title="functions: the standard library, one process, 30 s and 1 GiB",
    profile=Profile(name="coding"),
    limits=Limits(),
)

libraries = ExecutorSpec(
    name="coding_libraries",
    title="programs with BigCodeBench's packages, as far as they are installed; 30 s and 4 GiB",
    profile=Profile(
        name="coding_libraries",
        packages=(
            *("numpy", "pandas", "matplotlib", "scipy", "scikit-learn", "seaborn", "statsmodels"),
            *("requests", "beautifulsoup4", "lxml", "html5lib", "mechanize", "python-http-client"),
            *("flask", "flask-login", "flask-mail", "flask-restful", "flask-wtf", "wtforms"),
            *("werkzeug", "django", "sendgrid", "wikipedia", "folium", "geopy", "geopandas"),
            *("shapely", "nltk", "gensim", "textblob", "wordcloud", "regex", "levenshtein"),
            *("pillow", "opencv-python-headless", "opencv-python", "scikit-image", "librosa"),
            *("soundfile", "tensorflow", "keras", "sympy", "networkx", "numba", "psutil", "pytz"),
            *("python-dateutil", "holidays", "faker", "openpyxl", "xlrd", "xlwt", "python-docx"),
            *("docxtpl", "prettytable", "texttable", "natsort", "blake3", "cryptography", "rsa"),
            *("pycryptodome", "chardet", "xmltodict", "pyquery", "pyfakefs", "pytest"),
            *("dnspython", "pytesseract", "pyyaml", "requests-mock", "selenium", "wordninja"),
            "setuptools",  # librosa's dependencies import `pkg_resources` and do not say so
        ),
        preload=("numpy", "pandas"),
        network="loopback",
    ),
    limits=Limits(
        memory_bytes=8 << 30,
        memory_total_bytes=4 << 30,
        processes=64,
        threads=256,
        file_bytes=64 << 20,
        disk_bytes=256 << 20,
        open_files=512,
    ),
)

contests = ExecutorSpec(
    name="coding_contests",
    title="programs that read and print: 10 s for each input unless the problem says otherwise",
    profile=Profile(name="coding"),
    limits=Limits(wall_seconds=10.0, cpu_seconds=10.0, stdout_bytes=16 << 20),
)

EXECUTORS = (functions, libraries, contests)
