import { copyFile, mkdir, readdir, rm, stat } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import type { ReportFile, ReportFiles } from '../../lambdas/reports/ports.ts'
import { replaceFile, unfinishedSuffix, unlessMissing } from '../durable-files/replace-file.ts'

const pathsIn = async (directory: string): Promise<readonly string[]> => {
  const entries = await unlessMissing(readdir(directory, { recursive: true, withFileTypes: true }))
  return (entries ?? []).flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : []))
}

/** Reads the data set in a directory, which may be missing. */
export const readReportDirectory = (directory: string): Pick<ReportFiles, 'list' | 'fetch'> => {
  const fileOf = async (path: string): Promise<readonly ReportFile[]> => {
    const found = await unlessMissing(stat(path, { bigint: true }))
    if (found === undefined) return []
    return [{ path: relative(directory, path).replaceAll(sep, '/'), version: `${found.mtimeNs}-${found.size}` }]
  }
  return {
    list: async (prefix) => {
      const whole = (await pathsIn(directory)).filter((path) => !path.endsWith(unfinishedSuffix))
      const files = (await Promise.all(whole.map(fileOf))).flat().filter(({ path }) => path.startsWith(prefix))
      return files.toSorted((one, other) => (one.path < other.path ? -1 : 1))
    },
    fetch: async (path, to) => (await unlessMissing(copyFile(join(directory, path), to).then(() => true))) ?? false,
  }
}

/** Keeps the data set in a directory, which other users of the machine cannot read. Removes what a crash left unfinished. */
export const openReportDirectory = async (directory: string): Promise<ReportFiles> => {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  for (const path of await pathsIn(directory)) if (path.endsWith(unfinishedSuffix)) await rm(path, { force: true })
  return {
    ...readReportDirectory(directory),
    put: async (path, content) => {
      const to = join(directory, path)
      await mkdir(dirname(to), { recursive: true, mode: 0o700 })
      await replaceFile(to, content)
    },
    remove: (path) => rm(join(directory, path), { force: true }),
  }
}
