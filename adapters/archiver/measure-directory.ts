import { diskEntries } from './disk-entries.ts'

/** What the system counts blocks in, whatever the file system's own are. */
const blockBytes = 512

/**
 * Adds up what a directory takes on its disk: holes take nothing, and a file with several names is counted once. No link is
 * followed. `files` is everything that is no directory.
 * @throws where there is no such directory, or it cannot be read.
 */
export const measureDirectory = async (directory: string): Promise<{ bytes: number; files: number }> => {
  let blocks = 0
  let files = 0
  for await (const { stat } of diskEntries(directory)) {
    const isDirectory = stat.isDirectory()
    // Each of its names has its share, so that nothing has to be remembered.
    blocks += Number(stat.blocks) / (isDirectory ? 1 : Number(stat.nlink))
    if (!isDirectory) files += 1
  }
  return { bytes: Math.round(blocks) * blockBytes, files }
}
