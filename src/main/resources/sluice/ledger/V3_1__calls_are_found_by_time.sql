-- An id says when its call arrived, so a call is found in the order of the rows.
DROP INDEX call_id;
