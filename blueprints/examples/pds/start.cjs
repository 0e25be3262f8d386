// The service of https://github.com/bluesky-social/pds, with two variables in the form that the server takes.
const { SITE_URL, ROTATION_KEY } = process.env
process.env.PDS_HOSTNAME = new URL(SITE_URL).hostname
process.env.PDS_PLC_ROTATION_KEY_K256_PRIVATE_KEY_HEX = Buffer.from(ROTATION_KEY, 'base64url').toString('hex')

const { PDS, envToCfg, envToSecrets, readEnv } = require('@atproto/pds')
const { version } = require('@atproto/pds/package.json')

const main = async () => {
  const env = { ...readEnv(), version }
  const pds = await PDS.create(envToCfg(env), envToSecrets(env))
  await pds.start()
  process.once('SIGTERM', () => pds.destroy().then(() => process.exit(0)))
}
main()
