import { holds, type Item, type Names, parseCondition, updated, type Value } from './expressions.ts'

/** What DynamoDB answers with where it does not do what it is asked. */
export class Refusal extends Error {
  readonly type: string
  readonly details: object
  constructor(type: string, message: string, details: object = {}) {
    super(message)
    this.type = type
    this.details = details
  }
}

interface Keys {
  readonly partition: string
  readonly sort: string
}

interface Table {
  readonly description: Readonly<Record<string, unknown>>
  readonly keys: Keys
  readonly indexes: ReadonlyMap<string, Keys>
  /** By partition and then by sort key, of the table itself and of each index. */
  readonly items: Map<string, Map<string, Item>>
  readonly indexed: ReadonlyMap<string, Map<string, Map<string, Item>>>
}

type Input = Readonly<Record<string, unknown>>

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const named = (input: Input): Names => ({
  names: input['ExpressionAttributeNames'] as Names['names'],
  values: input['ExpressionAttributeValues'] as Names['values'],
})
const plain = (value: Value | undefined): string | undefined => {
  const content = value?.['S'] ?? value?.['N']
  return content === undefined ? undefined : String(content)
}

const keysOf = (schema: unknown): Keys => {
  const [partition, sort] = (schema as { AttributeName: string }[]).map(({ AttributeName }) => AttributeName)
  if (partition === undefined || sort === undefined) throw new Error('the memory table needs a sort key')
  return { partition, sort }
}

const identity = '\u0000'

/** Takes an item out of where it was in an index, and puts it in where it is. */
const reindex = (
  entries: Map<string, Map<string, Item>>,
  keys: Keys,
  own: string,
  before: Item | undefined,
  after: Item | undefined,
): void => {
  const [was, wasAt] = [plain(before?.[keys.partition]), plain(before?.[keys.sort])]
  if (was !== undefined && wasAt !== undefined) {
    entries.get(was)?.delete(`${wasAt}${own}`)
    if (entries.get(was)?.size === 0) entries.delete(was)
  }
  const [is, isAt] = [plain(after?.[keys.partition]), plain(after?.[keys.sort])]
  if (after === undefined || is === undefined || isAt === undefined) return
  const group = entries.get(is) ?? new Map<string, Item>()
  entries.set(is, group)
  group.set(`${isAt}${own}`, after)
}

/** DynamoDB in this process: the operations that Sitewright uses, strongly consistent, one at a time. */
export class MemoryTables {
  private readonly tables = new Map<string, Table>()
  private readonly tokens = new Set<string>()

  private table(input: Input): Table {
    const table = this.tables.get(String(input['TableName']))
    if (table === undefined)
      throw new Refusal('ResourceNotFoundException', 'Cannot do operations on a non-existent table')
    return table
  }

  private place(table: Table, item: Item): [string, string] {
    const [partition, sort] = [plain(item[table.keys.partition]), plain(item[table.keys.sort])]
    if (partition === undefined || sort === undefined) throw new Refusal('ValidationException', 'A key is missing')
    return [partition, sort]
  }

  private find(table: Table, key: Item): Item | undefined {
    const [partition, sort] = this.place(table, key)
    return table.items.get(partition)?.get(sort)
  }

  private write(table: Table, key: Item, after: Item | undefined): void {
    const [partition, sort] = this.place(table, key)
    const before = table.items.get(partition)?.get(sort)
    const below = table.items.get(partition) ?? new Map<string, Item>()
    table.items.set(partition, below)
    if (after === undefined) below.delete(sort)
    else below.set(sort, after)
    if (below.size === 0) table.items.delete(partition)
    for (const [name, keys] of table.indexes) {
      const entries = table.indexed.get(name)
      const own = `${identity}${partition}${identity}${sort}`
      if (entries !== undefined) reindex(entries, keys, own, before, after)
    }
  }

  private check(input: Input, item: Item | undefined): boolean {
    const condition = text(input['ConditionExpression'])
    return condition === undefined || holds(parseCondition(condition), item, named(input))
  }

  private requireCondition(input: Input, item: Item | undefined): void {
    if (!this.check(input, item)) throw new Refusal('ConditionalCheckFailedException', 'The conditional request failed')
  }

  createTable(input: Input): object {
    const name = String(input['TableName'])
    if (this.tables.has(name)) throw new Refusal('ResourceInUseException', `Table already exists: ${name}`)
    const secondary = (input['GlobalSecondaryIndexes'] ?? []) as { IndexName: string; KeySchema: unknown }[]
    const indexes = new Map(secondary.map(({ IndexName, KeySchema }) => [IndexName, keysOf(KeySchema)]))
    const description = {
      TableName: name,
      TableStatus: 'ACTIVE',
      KeySchema: input['KeySchema'],
      GlobalSecondaryIndexes: secondary.map((index) => ({ ...index, IndexStatus: 'ACTIVE' })),
    }
    this.tables.set(name, {
      description,
      keys: keysOf(input['KeySchema']),
      indexes,
      items: new Map(),
      indexed: new Map([...indexes.keys()].map((index) => [index, new Map()])),
    })
    return { TableDescription: description }
  }

  describeTable(input: Input): object {
    return { Table: this.table(input).description }
  }

  getItem(input: Input): object {
    const Item = this.find(this.table(input), input['Key'] as Item)
    return Item === undefined ? {} : { Item }
  }

  batchGetItem(input: Input): object {
    const requests = Object.entries(input['RequestItems'] as Record<string, { Keys: Item[] }>)
    const Responses = Object.fromEntries(
      requests.map(([TableName, { Keys }]) => [
        TableName,
        Keys.flatMap((key) => this.find(this.table({ TableName }), key) ?? []),
      ]),
    )
    return { Responses, UnprocessedKeys: {} }
  }

  private old(input: Input, Attributes: Item | undefined): object {
    return input['ReturnValues'] === 'ALL_OLD' && Attributes !== undefined ? { Attributes } : {}
  }

  putItem(input: Input): object {
    const item = input['Item'] as Item
    const table = this.table(input)
    const before = this.find(table, item)
    this.requireCondition(input, before)
    this.write(table, item, item)
    return this.old(input, before)
  }

  deleteItem(input: Input): object {
    const table = this.table(input)
    const key = input['Key'] as Item
    const before = this.find(table, key)
    this.requireCondition(input, before)
    this.write(table, key, undefined)
    return this.old(input, before)
  }

  updateItem(input: Input): object {
    const table = this.table(input)
    const key = input['Key'] as Item
    const before = this.find(table, key)
    this.requireCondition(input, before)
    const { item, touched } = updated(before ?? key, String(input['UpdateExpression']), named(input))
    this.write(table, key, item)
    if (input['ReturnValues'] === 'ALL_NEW') return { Attributes: item }
    return input['ReturnValues'] === 'UPDATED_NEW' ? { Attributes: touched } : {}
  }

  query(input: Input): object {
    const table = this.table(input)
    const index = text(input['IndexName'])
    const keys = index === undefined ? table.keys : table.indexes.get(index)
    const entries = index === undefined ? table.items : table.indexed.get(index)
    if (keys === undefined || entries === undefined)
      throw new Refusal('ValidationException', `There is no index ${index}`)
    const given = named(input)
    const condition = parseCondition(String(input['KeyConditionExpression']))
    const partition = this.partitionOf(condition, keys.partition, given)
    const group = [...(entries.get(partition) ?? new Map<string, Item>())]
      .filter(([, item]) => holds(condition, item, given))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
    return this.page(input, table, input['ScanIndexForward'] === false ? group.toReversed() : group, index)
  }

  scan(input: Input): object {
    const table = this.table(input)
    const all = [...table.items].flatMap(([partition, below]) =>
      [...below].map(([sort, item]): [string, Item] => [`${partition}${identity}${sort}`, item]),
    )
    return this.page(
      input,
      table,
      all.toSorted(([a], [b]) => (a < b ? -1 : 1)),
      undefined,
    )
  }

  private partitionOf(condition: ReturnType<typeof parseCondition>, name: string, given: Names): string {
    if (condition.op === 'and') return this.partitionOf(condition.left, name, given)
    if (condition.op === '=' && 'path' in condition.left && 'value' in condition.right) {
      const [word = ''] = condition.left.path
      if ((word.startsWith('#') ? given.names?.[word] : word) === name) {
        return plain(given.values?.[condition.right.value]) ?? ''
      }
    }
    throw new Refusal('ValidationException', 'Query condition missed key schema element')
  }

  private page(input: Input, table: Table, found: [string, Item][], index: string | undefined): object {
    const start = input['ExclusiveStartKey'] as Item | undefined
    const isAt = (item: Item): boolean =>
      start !== undefined && this.place(table, item).join(identity) === this.place(table, start).join(identity)
    // The last item of a page may be gone by now: then it continues behind its place.
    const known = start === undefined ? -1 : found.findIndex(([, item]) => isAt(item))
    const from = start === undefined ? 0 : known >= 0 ? known + 1 : this.behind(input, table, found, start, index)
    const limit = typeof input['Limit'] === 'number' ? input['Limit'] : 1000
    const page = found.slice(from, from + limit)
    const filter = text(input['FilterExpression'])
    const kept = page
      .map(([, item]) => item)
      .filter((item) => filter === undefined || holds(parseCondition(filter), item, named(input)))
    const last = page.at(-1)?.[1]
    const hasMore = last !== undefined && from + limit < found.length
    return {
      Count: kept.length,
      ScannedCount: page.length,
      ...(input['Select'] === 'COUNT' ? {} : { Items: kept }),
      ...(hasMore && last !== undefined ? { LastEvaluatedKey: this.keyOf(table, last, index) } : {}),
    }
  }

  private behind(input: Input, table: Table, found: [string, Item][], start: Item, index: string | undefined): number {
    const keys = index === undefined ? table.keys : table.indexes.get(index)
    const own = this.place(table, start).join(identity)
    const mark =
      index === undefined
        ? input['KeyConditionExpression'] === undefined
          ? own
          : plain(start[table.keys.sort])
        : `${plain(start[keys?.sort ?? ''])}${identity}${own}`
    const isBehind = ([key]: [string, Item]): boolean =>
      input['ScanIndexForward'] === false ? key < (mark ?? '') : key > (mark ?? '')
    const at = found.findIndex(isBehind)
    return at === -1 ? found.length : at
  }

  private keyOf(table: Table, item: Item, index: string | undefined): Item {
    const keys = index === undefined ? undefined : table.indexes.get(index)
    const words = [table.keys.partition, table.keys.sort, ...(keys === undefined ? [] : [keys.partition, keys.sort])]
    return Object.fromEntries(words.flatMap((word) => (item[word] === undefined ? [] : [[word, item[word]]])))
  }

  transactWriteItems(input: Input): object {
    const token = text(input['ClientRequestToken'])
    if (token !== undefined && this.tokens.has(token)) return {}
    const writes = (input['TransactItems'] as Record<string, Input>[]).map((entry) => {
      const [[kind, write] = ['', {} as Input]] = Object.entries(entry)
      const table = this.table(write)
      const key = (kind === 'Put' ? write['Item'] : write['Key']) as Item
      return { kind, write, table, key, before: this.find(table, key) }
    })
    const CancellationReasons = writes.map(({ write, before }) => ({
      Code: this.check(write, before) ? 'None' : 'ConditionalCheckFailed',
    }))
    if (CancellationReasons.some(({ Code }) => Code !== 'None')) {
      const codes = CancellationReasons.map(({ Code }) => Code).join(', ')
      throw new Refusal(
        'TransactionCanceledException',
        `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
        { CancellationReasons },
      )
    }
    for (const { kind, write, table, key, before } of writes) {
      if (kind === 'Put') this.write(table, key, key)
      else if (kind === 'Delete') this.write(table, key, undefined)
      else if (kind === 'Update') {
        this.write(table, key, updated(before ?? key, String(write['UpdateExpression']), named(write)).item)
      } else if (kind !== 'ConditionCheck') throw new Refusal('ValidationException', `the memory table has no ${kind}`)
    }
    if (token !== undefined) this.tokens.add(token)
    return {}
  }
}
