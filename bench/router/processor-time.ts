import { readFile } from 'node:fs/promises'

/** Linux counts in hundredths of a second towards programs, whatever its own clock does. */
const ticksPerSecond = 100

/**
 * Seconds of processor time that a process has used so far, user and system; NaN on anything but Linux. Unlike the time on
 * the clock it hardly changes when other work gets in the way.
 */
export const processorSeconds = async (pid: number): Promise<number> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // proc_pid_stat(5): the second field is the command in parentheses and may hold anything, so count from its end.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11] ?? Number.NaN) + Number(fields[12] ?? Number.NaN)) / ticksPerSecond
}

/** A process's own children, such as a server's workers. */
export const childrenOf = async (pid: number): Promise<readonly number[]> => {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return text.split(' ').filter(Boolean).map(Number)
}
