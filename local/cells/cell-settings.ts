import { isAbsolute, normalize } from 'node:path'
import { homeCell } from '../../core/site/location.ts'

/** A cell on a disk of its own, beside the one in the home directory. */
export interface CellSetting {
  readonly name: string
  /** Absolute, and without a slash at its end. */
  readonly directory: string
  /** Whether only a relocation that names it brings sites here. */
  readonly isNamed: boolean
}

const form = /^([a-z][a-z0-9]{0,15})=(.+?)(:named)?$/

const isWithin = (directory: string, other: string): boolean => `${directory}/`.startsWith(`${other}/`)

/** Reads `fast=/mnt/fast,large=/mnt/large:named`. @returns what is wrong with it instead, as the end of a sentence. */
export const parseCells = (text: string): readonly CellSetting[] | string => {
  const cells: CellSetting[] = []
  for (const part of text.split(',').map((entry) => entry.trim())) {
    const [, name, path = '', named] = form.exec(part) ?? []
    if (name === undefined || !isAbsolute(path)) {
      return `must be names with absolute directories, such as fast=/mnt/fast or large=/mnt/large:named, not '${part}'`
    }
    const directory = normalize(path).replace(/(?<=.)\/$/, '')
    if (name === homeCell) return `cannot name a cell '${homeCell}': that is the one in the home directory`
    if (cells.some((cell) => cell.name === name)) return `names the cell '${name}' twice`
    const other = cells.find((cell) => isWithin(cell.directory, directory) || isWithin(directory, cell.directory))
    if (other !== undefined) return `has the cells '${other.name}' and '${name}' in one directory or inside each other`
    cells.push({ name, directory, isNamed: named !== undefined })
  }
  return cells
}

/** Whether a cell's directory is in the home, or the home in it. */
export const isAround = ({ directory }: CellSetting, home: string): boolean =>
  isWithin(directory, home) || isWithin(home, directory)
