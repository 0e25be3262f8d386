import { existsSync } from 'node:fs'
import { appendFile, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { devDirectory } from './watch.ts'

/**
 * Keeps data and secrets of `dev` out of images: they would go to the registry.
 * @param base the directory of the file.
 */
export const keepOutOf = async (context: string, base: string, note: (line: string) => void): Promise<void> => {
  const directory = join(base, devDirectory)
  const path = relative(context, directory)
  const file = join(context, '.dockerignore')
  const lines = await readFile(file, 'utf8').catch(() => '')
  const isOut = path.startsWith('..') || lines.split('\n').some((line) => line.trim() === path)
  if (isOut || !existsSync(directory)) return
  await appendFile(file, `${lines === '' || lines.endsWith('\n') ? '' : '\n'}${path}\n`)
  note(`Added ${path} to ${file}`)
}
