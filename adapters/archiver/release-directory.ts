import { lstat, rmdir } from 'node:fs/promises'
import { clearDirectory } from './clear-directory.ts'

const isThere = async (directory: string): Promise<boolean> => {
  try {
    await lstat(directory)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}

/**
 * Removes a directory with all that is in it, or finds it removed.
 * @param keepsRoot where the directory itself is not ours to remove, as a mount is not.
 * @returns what was given back.
 */
export const releaseDirectory = async (
  directory: string,
  { keepsRoot = false }: { readonly keepsRoot?: boolean } = {},
): Promise<{ bytes: number; files: number }> => {
  if (!(await isThere(directory))) return { bytes: 0, files: 0 }
  const taken = await clearDirectory(directory)
  if (!keepsRoot) await rmdir(directory)
  return taken
}
