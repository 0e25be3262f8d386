import { execFileSync } from 'node:child_process'
import { linkSync, lutimesSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'

/*
 * A site that swaps what it has while somebody else walks it, in a process of its own. It becomes the user that is named, in the directory that it
 * was started in. It makes its entries at each message, only renames them in between, so that who removes them all comes to an end, and ends with its parent.
 */

const [file = '', uid = '', gid = ''] = process.argv.slice(2)
const pairs = 8
const kinds = 5
/** As many as there are in the directory of the file. */
const files = 8
const at = new Date('2026-03-01T00:00:00Z')
const own = 'swapped'
const inside = (...names: readonly string[]): string => join(own, ...names)

const put = (path: string, target?: string): void => {
  // A link's size is the length of its target.
  if (target === undefined) writeFileSync(path, 'x'.repeat(file.length))
  else symlinkSync(target, path)
  lutimesSync(path, at, at)
}

const putDirectory = (path: string, target?: string): void => {
  mkdirSync(path, { recursive: true })
  for (let number = 0; number < files; number += 1) put(join(path, `f${number}`), target)
}

/** Each pair is a directory and what points to the file: a directory of links, or a link to its directory. The spares take turns at one name. */
const fill = (): void => {
  rmSync(own, { recursive: true, force: true })
  for (let pair = 0; pair < pairs; pair += 1) {
    putDirectory(inside(`a${pair}`, 'deep'))
    putDirectory(inside(`a${pair}`))
    if (pair % 2 === 0) putDirectory(inside(`b${pair}`), file)
    else put(inside(`b${pair}`), dirname(file))
  }
  putDirectory(inside('spare', '0'))
  put(inside('spare', '1'), dirname(file))
  put(inside('spare', '2'), file)
  execFileSync('mkfifo', [inside('spare', '3')])
  linkSync(inside('a0', 'f0'), inside('spare', '4'))
  put(inside('entry'))
}

const move = (from: string, to: string): boolean => {
  try {
    renameSync(inside(from), inside(to))
    return true
  } catch {
    // Somebody removes it meanwhile.
    return false
  }
}

let swaps = 0
const swap = (): void => {
  const pair = swaps % pairs
  const spare = swaps % kinds
  move('entry', 'aside')
  move(`spare/${spare}`, 'entry')
  move('aside', `spare/${spare}`)
  if (move(`a${pair}`, `c${pair}`) && move(`b${pair}`, `a${pair}`) && move(`c${pair}`, `b${pair}`)) swaps += 1
}

if (uid !== '') {
  process.setgroups?.([Number(gid)])
  process.setgid?.(Number(gid))
  process.setuid?.(Number(uid))
}
process.on('disconnect', () => process.exit())
process.on('message', () => {
  fill()
  process.send?.(swaps)
})
for (;;) {
  for (let count = 0; count < 50; count += 1) swap()
  await turn()
}
