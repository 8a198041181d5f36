"""`python -m keras_acai.cli`."""

import sys

from keras_acai.cli.app import main

sys.exit(main())
