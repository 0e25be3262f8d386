// Plays a host that cannot start.
process.stderr.write(`The runtime is ${process.env['SITEWRIGHT_RUNTIME']}.\n`)
process.exitCode = 1
