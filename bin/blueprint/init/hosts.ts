/** An address that a program listens on. */
export const isListening = /^(?:0\.0\.0\.0|127\.0\.0\.1|localhost|::1?|\[::1?\])$/

export const isHostName = /(?:^|[_.-]|[a-z])(?:HOST|HOSTNAME|HOSTS)$/i
const hostOption = /^(?:-h|--?(?:[\w-]+[-_.])?host(?:name)?=?)$/i

/** A pattern for the text itself. */
export const literal = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/** The host in an address, or behind a key that says so. A word alone is one only where `isHost` says so. */
export const withoutHosts = (value: string, names: readonly string[], isHost: boolean): string =>
  names.reduce((text, name) => {
    if (text === name) return isHost ? '127.0.0.1' : text
    const word = literal(name)
    const position = `(?<=://(?:[^/@\\s]*@)?|[\\w!%]@|[@\\s]tcp\\(|/dev/tcp/|\\bhost=)${word}(?![\\w.-]|(?::[^/\\s]*)?@)`
    const withPort = `(?<![\\w./@-])${word}(?=:\\d{2,5}(?![\\w.@]))`
    return text.replace(new RegExp(`${position}|${withPort}`, 'g'), '127.0.0.1')
  }, value)

/** A word of a command, which may be the value of the option before it. */
export const wordWithoutHosts = (word: string, before: string, names: readonly string[]): string => {
  const option = /^--?[\w.-]+=(?=.*$)/.exec(word)?.[0] ?? ''
  return option + withoutHosts(word.slice(option.length), names, hostOption.test(option || before))
}

/** Whether a text has a word that stands alone. */
export const hasWord = (text: string, word: string): boolean =>
  new RegExp(`(?<![\\w./:@-])${literal(word)}(?![\\w.:=/-])`).test(text)
