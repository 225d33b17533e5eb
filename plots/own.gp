set fit nologfile
# Columns of the data by name, for `using`.
@COLUMNS@
@SCRIPT@
