// Shifts what the time is for a process by the milliseconds that the file NODE_CLOCK_SHIFT has. `Date.now()` stays: it measures how long something takes.
import { readFileSync } from 'node:fs'

const shift = Number(readFileSync(process.env.NODE_CLOCK_SHIFT, 'utf8'))
const Present = Date
globalThis.Date = class extends Present {
  constructor(...given) {
    super(...(given.length === 0 ? [Present.now() + shift] : given))
  }
}
