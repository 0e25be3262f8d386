import { readFile } from 'node:fs/promises'

/** Linux reports hundredths of a second to programs, whatever its own clock does. */
const ticksPerSecond = 100

/**
 * The CPU seconds of a process so far, user and system; NaN on anything but Linux. Unlike elapsed time, it hardly
 * changes when other work interferes.
 */
export const processorSeconds = async (pid: number): Promise<number> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // proc_pid_stat(5): the second field is the command in parentheses and may contain anything, so count from its end.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11] ?? Number.NaN) + Number(fields[12] ?? Number.NaN)) / ticksPerSecond
}

/** The processes that a process started and that still run. */
export const childrenOf = async (pid: number): Promise<readonly number[]> => {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return text.split(' ').filter(Boolean).map(Number)
}
