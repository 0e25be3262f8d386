// Fills the database of people, and writes and loads what of it may leave production.
const { readFileSync, rmSync, writeFileSync } = require('node:fs')

const { DATA_DIRECTORY, RESULT_DIRECTORY } = process.env
const PouchDB = require('pouchdb-core')
  .plugin(require('pouchdb-adapter-node-websql'))
  .defaults({ prefix: `${DATA_DIRECTORY}/`, adapter: 'websql' })
// It notes the databases that the server lists.
require('pouchdb-all-dbs')(PouchDB)

const people = new PouchDB('people')
const file = `${RESULT_DIRECTORY}/people.json`
const acts = {
  dump: async () => {
    const { rows } = await people.allDocs()
    writeFileSync(file, JSON.stringify(rows.map((_, index) => ({ _id: `p${index}`, name: `Person ${index + 1}` }))))
  },
  load: async () => {
    await people.bulkDocs(JSON.parse(readFileSync(file, 'utf8')))
    rmSync(file)
  },
  seed: () => people.put({ _id: 'seeded', name: 'Grace' }),
}
void acts[process.argv[2]]()
