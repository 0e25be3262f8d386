import { isReserved } from '../../../lambdas/blueprints/require-publishable.ts'
import { type ContainerDraft, escaped, literal, those } from './draft.ts'
import { hasWord } from './traffic.ts'
import { plain, rewriteVariables, variablesOf } from './variables.ts'

const secretName =
  /(?:PASSWORD|PASSWD|PASSPHRASE|(?<!BY|COM|SUR|TRES)PASS|_PWD|SECRET|TOKEN|SALT|(?:^|_)KEYS?|APIKEY)(?:_BASE)?$/i
/** The access key of S3 is a name; its secret has a variable of its own. */
const publicName = /^GPG_KEY$|(?:PUBLIC|AUTHORIZED)_KEYS?$|(?:^|_)(?:AWS|S3|MINIO)_ACCESS_KEY$|_FILE$/i

/** Whether the value of a variable is not for others. */
export const looksSecret = (name: string, value: string): boolean =>
  secretName.test(name) && !publicName.test(name) && !/^(?:true|false|yes|no|null|none|\d{1,3}|\/.*)$/i.test(value)

/** Keys that services give out begin with these. Addresses that take messages from everybody who knows them are keys too. */
const serviceKey = new RegExp(
  `^(?:${[
    'sk-|[rs]k_(?:live|test)_|whsec_|gsk_[A-Za-z0-9]{20}|hf_[A-Za-z0-9]{20}|re_\\w{8}_\\w{20}|key-[0-9a-f]{32}$|SG\\.|xkeysib-',
    'gh[opsu]_|github_pat_|glpat-|npm_\\w{30}|pypi-[\\w-]{40}|dckr_pat_|dop_v1_|shp(?:at|ca|pa|ss)_|sntrys_|hvs\\.',
    'xox[abeprs]-|xapp-\\d|AIza[\\w-]{35}$|GOCSPX-|ya29\\.|AGE-SECRET-KEY-|eyJ[\\w-]+\\.eyJ[\\w-]+\\.',
    '-----BEGIN [A-Z ]*PRIVATE KEY',
    'https://hooks\\.slack\\.com/|https://(?:\\w+\\.)?discord(?:app)?\\.com/api/webhooks/',
  ].join('|')})`,
)

const addressWithPassword = /:\/\/[^/\s:@]*:[^/\s@]+@(?:[\w-]+\.)+[A-Za-z]{2,}(?=[:/?]|$)/

/** Whether a value gives access to a service elsewhere: a key by its usual form, or an address on the internet with a password. */
const givesAccess = (value: string): boolean => serviceKey.test(value) || addressWithPassword.test(value)

/** Asks how a command gets a secret. Commands of a blueprint hold none, because others on the machine see them. */
export const secretQuestion = (name: string): string =>
  `A command has the value of ${name}, which is random for each site: can a shell in it read that variable (\`secrets\`)?`

/** Secrets by what they come from: the compose variable, as `$NAME`, or the value. */
export type Secrets = ReadonlyMap<string, string>

/** Whether a text without variables of the source is a secret. */
export const isBareSecret = (name: string, text: string): boolean =>
  variablesOf(text).found.length === 0 && (looksSecret(name, text) || givesAccess(text))

/** What people are to replace: it is the same for secrets that have nothing in common. */
const placeholder = /change|replace|your|modif|example|insert|todo|random|secret|password/i

/** A database and its clients have one password, under several names. The key of S3 is one too. */
const isPassword = (name: string): boolean => /PASS|PWD|S3|AWS|MINIO/i.test(name) && !/ADMIN|SUPERUSER/i.test(name)

/** What has this key is one secret. The mark keeps a placeholder from being found in other texts. */
const sharedKey = (name: string, value: string): string =>
  placeholder.test(value) && !isPassword(name) ? `${value}\uE011${name}` : value

export const keysOf = (name: string, text: string): readonly string[] => {
  const value = plain(text)
  const { found, isWhole } = variablesOf(text)
  const whole = isWhole ? found.filter((one) => (one.value ?? '') === value) : []
  // A secret in an address has a template of its own there.
  const others = rewriteVariables(text, (one, its = '') => (looksSecret(one, its) ? '' : its))
  const isSecret =
    looksSecret(name, value) ||
    givesAccess(others) ||
    (value !== '' && whole.some((one) => looksSecret(one.name, value)))
  const isUnset = isWhole && found.every((one) => one.value === undefined)
  // An empty password is meant: the product has none.
  if (!isSecret || isReserved(name) || (value === '' && !isUnset)) return []
  return [...whole.map((one) => `$${one.name}`), ...(value === '' ? [] : [sharedKey(name, value)])]
}

export const secretsOf = (containers: readonly ContainerDraft[]): Secrets => {
  const secrets = new Map<string, string>()
  const all = containers.flatMap((container) =>
    Object.entries(container.environment).map(([name, text]) => ({ container, name, keys: keysOf(name, text) })),
  )
  for (const { container, name, keys } of all.filter((one) => one.keys.length > 0)) {
    const known = keys.map((key) => secrets.get(key)).find((one) => one !== undefined)
    const isElsewhere = all.some((other) => other.name === name && !other.keys.some((key) => keys.includes(key)))
    const own = isElsewhere ? `${container.name.replaceAll('-', '_')}_${name}`.toUpperCase() : name
    for (const key of keys) secrets.set(key, known ?? own)
  }
  const texts = containers.flatMap(({ environment, files = {} }) => [
    ...Object.values(environment),
    ...Object.values(files),
  ])
  for (const { name, value } of texts.flatMap((text) => variablesOf(text).found)) {
    if (looksSecret(name, value ?? '') && value !== '' && !secrets.has(`$${name}`))
      secrets.set(`$${name}`, (value === undefined ? undefined : secrets.get(sharedKey(name, value))) ?? name)
  }
  return secrets
}

/** Shorter values also occur in other texts. */
const shortest = 4

/** Shorter values may also be the name of a user, a database or a scheme: `postgres://postgres:postgres@db/postgres`. */
const unmistakable = 12

/** Where a text has a password: between a user and a host, or behind a key that says so. */
const asPassword = (value: string): RegExp => {
  const text = literal(value)
  const key = `(?:(?<![a-z])pw?|pass(?:word|wd)?|pwd|secret|token|key)["']?(?:\\s*[=:]\\s*|\\s+)["']?`
  return new RegExp(`(?<=:)${text}(?=@)|(?<=${key})${text}(?=$|[&;,}\\s"'])`, 'gi')
}

/** The secrets whose former values are long enough to be found in other texts. */
export const findable = (secrets: Secrets) =>
  [...secrets].filter(([value]) => value.length >= shortest && !value.startsWith('$'))

/** @param names of databases and users, of which some are passwords too. */
export const withSecrets = (text: string, secrets: Secrets, names: ReadonlySet<string>): string =>
  findable(secrets).reduce((changed, [value, name]) => {
    const found = escaped(value)
    const isName = value.length < unmistakable || names.has(value)
    return changed.replaceAll(isName ? asPassword(found) : found, () => `\${secret.${name}}`)
  }, text)

/** Asks about settings that have the value of a secret, and may be that secret. */
export const suspectedIn = (environment: Readonly<Record<string, string>>, secrets: Secrets): readonly string[] =>
  Object.entries(environment).flatMap(([name, text]) =>
    [...secrets].flatMap(([value, secret]) =>
      those(
        value.length >= shortest &&
          text !== value &&
          !text.includes(`{secret.${secret}}`) &&
          hasWord(text, value) &&
          `${name} has what is the value of ${secret} elsewhere, which is random for each site: is it that?`,
      ),
    ),
  )

/** What a value that is the same for everybody is often called. */
const digestName = /(?:^|_)(?:SHA\d*|\w*SUM|HASH|DIGEST|COMMIT|REVISION|VERSION|ID)(?:_|$)/i

/** Asks about settings that look like keys, but whose names do not say so. */
export const randomIn = (environment: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(environment)
    .filter(([name, text]) => !digestName.test(name) && !publicName.test(name) && looksRandom(text))
    .map(
      ([name]) => `${name} looks random: is it a secret? Then its name belongs to \`secrets\`, and its value not here.`,
    )

const looksRandom = (text: string): boolean =>
  /^[\w+-][\w+/-]{31,}={0,2}$/.test(text) &&
  !/^[\da-f]{8}(?:-[\da-f]{4}){3}-/i.test(text) &&
  /(?:\d.*){4}/.test(text) &&
  /(?:[a-z].*){4}/i.test(text)
