/**
 * Reads an engine's stream of JSON objects, one to a line, to its end. Unlike readline it also ends, by an error, when the
 * connection breaks.
 */
export async function* jsonLines(stream: NodeJS.ReadableStream): AsyncGenerator<unknown> {
  stream.setEncoding('utf8')
  let rest = ''
  for await (const chunk of stream) {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line)
  }
  if (rest.trim() !== '') yield JSON.parse(rest)
}
