import { readdir, readFile } from 'node:fs/promises'

const mebibyte = 1024

/** A field of `/proc/<pid>/…` that is given in kB, as MiB; 0 where the process has ended or is not ours to look at. */
const memoryField = async (pid: number, file: 'status' | 'smaps_rollup', field: string): Promise<number> => {
  const text = await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) / mebibyte
}

/** Resident memory in MiB. */
export const residentMemory = (pid: number): Promise<number> => memoryField(pid, 'status', 'VmRSS')

/** Memory in MiB with a part only of what is shared with others: those of all processes add up to what is in use. */
export const proportionalMemory = (pid: number): Promise<number> => memoryField(pid, 'smaps_rollup', 'Pss')

/** The processes whose environment satisfies a test, in containers or not. Only those that may be looked into. */
export const processesWith = async (isMeant: (environment: ReadonlyMap<string, string>) => boolean) => {
  const found: number[] = []
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const text = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '')
    const environment = text.split('\0').map((entry): [string, string] => {
      const equals = entry.indexOf('=')
      return [entry.slice(0, equals), entry.slice(equals + 1)]
    })
    if (isMeant(new Map(environment))) found.push(Number(name))
  }
  return found
}
