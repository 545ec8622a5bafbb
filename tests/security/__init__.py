"""What somebody who means harm may try, from outside."""
