import type { DatabaseSync } from 'node:sqlite'
import * as z from 'zod'

const rowSchema = z.object({ value: z.string() })

/** Single values that outlive the process, each under a name. */
export const createSettings = (database: DatabaseSync) => {
  const read = database.prepare('SELECT value FROM settings WHERE name = ?')
  const write = database.prepare(
    'INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  )
  const get = (name: string): string | undefined => {
    const row = read.get(name)
    return row === undefined ? undefined : rowSchema.parse(row).value
  }
  const set = (name: string, value: string): string => {
    write.run(name, value)
    return value
  }
  return { get, set, getOrMake: (name: string, make: () => string): string => get(name) ?? set(name, make()) }
}
export type SettingsTable = ReturnType<typeof createSettings>
