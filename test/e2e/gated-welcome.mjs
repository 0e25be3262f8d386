// The welcome site, which begins to listen only once the file named by GATE is there.
import { existsSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

while (!existsSync(process.env.GATE)) await pause(10)
await import(new URL('../../sites/welcome/server.ts', import.meta.url).href)
