"""The plumbing between Flask and the packages: sessions, access, refusals, paging, fields, filters, exports."""
