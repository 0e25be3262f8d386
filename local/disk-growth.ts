import { statfs } from 'node:fs/promises'

/** Sites that grow by less fill no disk between two scheduled measurements. */
const stepBytes = 32 * 1_048_576

const looksMilliseconds = 1000

/** Between two measurements: each reads the directories of all sites. */
const restMilliseconds = 5000

const usedBytesOf = async (directory: string): Promise<number> => {
  const { blocks, bfree, bsize } = await statfs(directory)
  return (blocks - bfree) * bsize
}

/**
 * Has the sites measured within seconds when the disk of a directory fills quickly, instead of by the schedule alone.
 * @param measure its failures are reported by what it calls.
 * @returns a function that stops it.
 */
export const measureOnGrowth = (
  directory: string,
  measure: () => Promise<unknown>,
  usedBytes: () => Promise<number> = () => usedBytesOf(directory),
): (() => void) => {
  let least: number | undefined
  let isBusy = false

  const measureAndRest = async (): Promise<void> => {
    await measure().catch(() => undefined)
    await pause(restMilliseconds)
  }

  const look = async (): Promise<void> => {
    const used = await usedBytes().catch(() => undefined)
    if (used === undefined || isBusy) return
    least = Math.min(least ?? used, used)
    if (used - least < stepBytes) return
    isBusy = true
    least = undefined
    // Twice: a site may grow on while it is measured, and something else may free as much.
    await measureAndRest()
    await measureAndRest()
    isBusy = false
  }

  const looks = setInterval(look, looksMilliseconds)
  looks.unref()
  return () => clearInterval(looks)
}

/** Does not keep the process alive. */
const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref()
  })
