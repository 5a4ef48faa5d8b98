"""The examiner: what somebody wrote is read, marked, and a wrong answer gets its readings."""
