"""Each role's front page; it reads everything and owns nothing."""
