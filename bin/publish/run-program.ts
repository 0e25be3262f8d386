import { spawn } from 'node:child_process'

/** A program that could not be started, or that ended with another status than 0. */
export class ProgramFailed extends Error {}

/** Tools say last what went wrong. */
const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? ''

/**
 * Runs a program to its end.
 * @param input what it reads; never part of a message.
 * @returns what it printed to its output.
 * @throws {ProgramFailed} with the last line of what it said.
 */
export const runProgram = (program: string, parameters: readonly string[], input = ''): Promise<string> =>
  new Promise((resolve, reject) => {
    const what = `${program} ${parameters[0]}`
    const child = spawn(program, parameters, { stdio: ['pipe', 'pipe', 'pipe'] })
    let output = ''
    let complaints = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaints += text
    })
    child.on('error', (error) => reject(new ProgramFailed(`${what} could not be started: ${error.message}`)))
    child.on('close', (status, signal) => {
      if (status === 0) resolve(output)
      else reject(new ProgramFailed(`${what} ended with ${signal ?? status}: ${lastLine(complaints || output)}`))
    })
    // It may end without reading any of it.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
