/** The actions that may be allowed on `*`, each with the reason; any other needs a resource. */
export const actionsOnEverything: Readonly<Record<string, string>> = {
  'acm:RequestCertificate': 'It takes no resource; CloudFront requests certificates of custom domains in our name.',
  'cloudfront:ListDistributionTenants': 'It takes no resource.',
  'cloudfront:CreateDistributionTenant': 'It takes no resource, and is held to ours by the tag that it sets.',
  'cloudwatch:DescribeAlarms':
    'CodeDeploy asks for alarms of all kinds, which CloudWatch shows only to who may see all.',
  'dynamodb:ListStreams': 'It takes no resource; Lambda asks for it before it reads a stream.',
  'ecr:GetAuthorizationToken': 'It takes no resource; the token opens what other statements name.',
  'ecs:DeregisterTaskDefinition': 'It takes no resource.',
  'ecs:DescribeTaskDefinition': 'It takes no resource.',
  'ecs:ListServices': 'It takes no resource, and is held to our clusters by a condition.',
  'ecs:ListTaskDefinitionFamilies': 'It takes no resource.',
  'ecs:ListTaskDefinitions': 'It takes no resource.',
  'ecs:ListTasks': 'It takes no resource, and is held to our clusters by a condition.',
  'ec2:DescribeManagedPrefixLists': 'It takes no resource.',
  'iam:ListRoles': 'It takes no resource.',
  'logs:CreateLogDelivery': 'Vended logs take no resource.',
  'logs:DeleteLogDelivery': 'Vended logs take no resource.',
  'logs:DescribeLogGroups': 'Vended logs take no resource.',
  'logs:DescribeResourcePolicies': 'Vended logs take no resource.',
  'logs:GetLogDelivery': 'Vended logs take no resource.',
  'logs:ListLogDeliveries': 'Vended logs take no resource.',
  'logs:PutResourcePolicy': 'Vended logs take no resource.',
  'logs:UpdateLogDelivery': 'Vended logs take no resource.',
  'ssm:DescribeParameters': 'It takes no resource, and tells no values.',
  'states:SendTaskFailure': 'It takes no resource; a token names its task, and nobody can guess one.',
  'states:SendTaskSuccess': 'It takes no resource; a token names its task, and nobody can guess one.',
  'xray:GetSamplingRules': 'X-Ray takes no resource.',
  'xray:GetSamplingTargets': 'X-Ray takes no resource.',
  'xray:PutTelemetryRecords': 'X-Ray takes no resource.',
  'xray:PutTraceSegments': 'X-Ray takes no resource.',
}

/** The ARNs with a wildcard in them that may be allowed, each with the reason. */
export const wideResources: readonly (readonly [RegExp, string])[] = [
  [
    /^arn:aws:logs:[^*]*:log-group:\/sitewright-test\/sites\/\w+:log-stream:site_\*$/,
    "A site's streams begin with its id.",
  ],
  [/^arn:aws:ecs:[^*]*:service\/sitewright-test-\w+\/site_\*$/, "A site's service is named after it."],
  [/^arn:aws:ecs:[^*]*:task\/sitewright-test-\w+\/\*$/, 'Tasks are named by ECS; the cluster is ours.'],
  [
    /^arn:aws:ecs:[^*]*:task-definition\/sitewright-test-site_\*(-once)?:\*$/,
    "A site's task definition is named after it.",
  ],
  [
    /^arn:aws:ecs:[^*]*:task-definition\/sitewright-test-archiver-site_\*:\*$/,
    "A job's task definition is named after its site.",
  ],
  [
    /^arn:aws:ecs:[^*]*:task-definition\/sitewright-test-archiver-cell_\*:\*$/,
    'Jobs on archives alone share definitions that are named after their cell, of which there may be more.',
  ],
  [/^arn:aws:iam::\d+:role\/sitewright-test\/(sites|cells|archiver)\/\*$/, 'The path is ours alone.'],
  [/^arn:aws:iam::\d+:role\/site_\*$/, 'IAM knows no path of a missing role; it can be read, and not changed.'],
  [/^arn:aws:elasticfilesystem:[^*]*:(file-system|access-point)\/\*$/, 'EFS names them; conditions hold it to ours.'],
  [/^arn:aws:ssm:[^*]*:parameter\/sitewright\/test\/(cells|sites)\/\*$/, 'The path is ours alone.'],
  [/^arn:aws:states:[^*]*:execution:sitewright-test-[a-z-]+:\*$/, 'Executions are named by what they are for.'],
  [/^arn:aws:logs:[^*]*:log-group:\/sitewright-test\/sites\/\w+:log-stream:\*$/, 'ECS names the streams.'],
  [/^arn:aws:logs:[^*]*:log-group:\/sitewright-test\/archiver\/\w+:log-stream:\*$/, 'ECS names the streams.'],
  [/^arn:aws:s3:::sitewright-test-reports-[^*]*\/\*$/, 'The paths of the data set begin with their table and day.'],
  [/^arn:aws:s3:::sitewright-test-archives-[^*]*\/site_\*/, 'Archives begin with the id of their site.'],
  [
    /^arn:aws:stand-in:::BucketsArchives\w*\/\$\{aws:PrincipalTag\/sitewright:site\}\/\*$/,
    "IAM fills in the site of a job's role.",
  ],
  [/^arn:aws:cloudfront::[^*]*:distribution-tenant\/\*$/, 'CloudFront names them; tags hold it to ours.'],
  [
    /^arn:aws:acm:us-east-1:[^*]*:certificate\/\*$/,
    'CloudFront asks for certificates of custom domains; ACM names them.',
  ],
  [/^arn:aws:stand-in:::FilesBucket\w*\/\*$/, "The pages in the console's bucket."],
  [/:repository\/sitewright-test\/own\/\*$/, 'Each site with software of its own has a repository.'],
  [/^arn:aws:s3:::cdk-hnb659fds-assets-\d+-us-east-1\/\*$/, "CDK's own bucket of assets."],
]

/** Actions that delete something, and that other functions than reclaiming ones may have. */
export const harmlessDeletes: Readonly<Record<string, string>> = {
  'dynamodb:DeleteItem':
    'The end of a session or of a wait for jobs, and the one trial that an account gets back with a failed build: by partition key.',
  'cloudfront:DeleteDistributionTenant': 'It serves a domain that nobody has any more, and holds nothing.',
  'ecs:DeregisterTaskDefinition':
    'It ends nothing that runs: starting a site deregisters the revisions that nothing uses any more.',
  'ssm:DeleteParameters': 'The values are derived or sealed in the table, and a start stores them again.',
}
