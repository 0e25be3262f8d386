import { sweepTest } from './sweep-test.ts'

sweepTest('archive-dormant')
