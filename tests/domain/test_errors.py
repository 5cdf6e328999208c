"""The error tree."""

import pickle

from openoutcry.domain.errors import DataError, InvalidData, OpenOutcryError


def test_bad_data_says_where_and_crosses_processes_whole():
    error = InvalidData("prices_daily.csv", 17, "high below low")
    assert str(error) == "prices_daily.csv, row 17: high below low"
    assert str(InvalidData("prices_daily.csv", None, "no column close")) == "prices_daily.csv: no column close"
    again = pickle.loads(pickle.dumps(error))
    assert (again.file, again.row, again.reason, str(again)) == (error.file, error.row, error.reason, str(error))
    assert issubclass(InvalidData, DataError)
    assert issubclass(DataError, OpenOutcryError)
