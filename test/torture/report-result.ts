import { writeFile } from 'node:fs/promises'

/** Writes a result to a file, if one is named, and prints failed checks. @returns whether all checks passed. */
export const reportResult = async <Result extends { readonly wrong: readonly string[] }>(
  result: Result,
  { json, note = '' }: { readonly json: string | undefined; readonly note?: string },
): Promise<boolean> => {
  if (json !== undefined) await writeFile(json, `${JSON.stringify(result, undefined, 2)}\n`)
  if (result.wrong.length === 0) console.log('\nEverything holds.')
  else console.error(`\nThis does not hold${note}:\n${result.wrong.map((line) => `  ${line}`).join('\n')}`)
  return result.wrong.length === 0
}
