/** What DynamoDB's operations are called here. */
export const operations = {
  CreateTable: 'createTable',
  DescribeTable: 'describeTable',
  GetItem: 'getItem',
  BatchGetItem: 'batchGetItem',
  PutItem: 'putItem',
  DeleteItem: 'deleteItem',
  UpdateItem: 'updateItem',
  Query: 'query',
  Scan: 'scan',
  TransactWriteItems: 'transactWriteItems',
} as const
