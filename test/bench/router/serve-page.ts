import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { caddyPage, nginxPage } from './configurations.ts'
import { findProgram } from './find-program.ts'

/** The site behind the proxies: a fast web server with one small page, started like a site. */
const directory = process.env['DATA_DIRECTORY'] ?? ''
const place = { port: Number(process.env['PORT']), directory }
const nginx = await findProgram('nginx')
const file = join(directory, 'configuration')
await writeFile(file, nginx === undefined ? caddyPage(place) : nginxPage(place))
const server =
  nginx === undefined
    ? spawn('caddy', ['run', '--adapter', 'caddyfile', '--config', file], {
        stdio: 'inherit',
        env: { PATH: process.env['PATH'], HOME: directory },
      })
    : spawn(nginx, ['-c', file], { stdio: 'inherit' })
server.on('exit', () => process.exit(1))
process.on('SIGTERM', () => server.kill())
