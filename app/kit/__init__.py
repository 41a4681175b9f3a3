"""Plain tools that know nothing of trade missions: database, jobs, clock, audit, money, messages."""
