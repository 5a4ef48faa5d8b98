"""Arrays of exact numbers, and of floats: what the values of a layer are worked out with.

An array of dtype ``object`` holds exact numbers: Python ints, and Fractions that are no whole numbers. An
array of dtype ``float64`` holds floats. No function here turns an exact number into a float unless the
function itself has no rational value. Large sums of products run on int64 where no sum can overflow, and on
Python's ints where one could.

These modules import numpy with the file: whoever needs them imports them where the work begins.
"""
