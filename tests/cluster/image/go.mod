module imagewriter

go 1.25
