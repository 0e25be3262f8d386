FROM docker.io/sitewright/example-postgres:17
