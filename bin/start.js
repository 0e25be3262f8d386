// JavaScript, because Node.js before 22.18 runs no TypeScript: with `ignore-scripts`, npm installs no Node.js of Sitewright's own.
const { node } = process.versions
if (Number.parseInt(node, 10) < 24) {
  console.error(
    `Sitewright cannot start: npm did not install its Node.js, and Node.js ${node} of this machine is too old. ` +
      'Run npm ci --ignore-scripts=false, or install Node.js 24 or later.',
  )
  process.exit(1)
}
await import('./host.ts')
