// PouchDB Server writes its log and settings into the directory where it runs.
process.chdir(process.env.DATA_DIRECTORY)
require('pouchdb-server')
