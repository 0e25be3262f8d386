import { readFile } from 'node:fs/promises'

const valueImport = /^import \{([^}]+)\} from '(@aws-sdk\/[\w-]+)'/gm

/** What a source file takes from the AWS SDK besides types: names by package. */
const importsOf = (source: string): [string, string[]][] =>
  [...source.matchAll(valueImport)].map(([, names = '', from = '']) => [
    from,
    names
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '' && !name.startsWith('type ')),
  ])

/**
 * A module that does nothing but hold what a function's own sources take from the AWS SDK: what the function is measured
 * against.
 * @param sources absolute paths of those of our files that are in the function's bundle.
 */
export const baselineModule = async (sources: readonly string[]): Promise<string> => {
  const byPackage = new Map<string, Set<string>>()
  for (const source of sources) {
    for (const [from, names] of importsOf(await readFile(source, 'utf8'))) {
      byPackage.set(from, new Set([...(byPackage.get(from) ?? []), ...names]))
    }
  }
  const packages = [...byPackage].map(([from, names]) => ({ from, names: [...names].toSorted() }))
  return [
    ...packages.map(({ from, names }) => `import { ${names.join(', ')} } from '${from}'`),
    `export const handler = async () => [${packages.flatMap(({ names }) => names).join(', ')}].length`,
    '',
  ].join('\n')
}
