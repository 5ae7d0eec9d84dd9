// Drops an index where there is one of that name. $name: STRING. Cost: constant.
DROP INDEX $name IF EXISTS;
