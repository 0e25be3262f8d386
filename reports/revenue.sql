-- What customers pay in a month (MRR), and why it changed, by month and currency. Amounts are in minor units, at the subscriptions'
-- own prices, without discounts and taxes; a twelfth of a yearly price.
-- month: its first day. currency: the currency of the accounts.
-- start_amount: MRR at the beginning of the month. new_amount: of accounts that had never paid before.
-- returned_amount: of accounts that had paid before and paid nothing at the beginning. expansion: of accounts that pay more.
-- contraction: of accounts that pay less. churn: of accounts that pay nothing any more.
-- end_amount: MRR at the end of the month, or now. customers: accounts that pay at the end. churned: accounts that do not any more.
WITH changes AS (
  SELECT
    account,
    site,
    monthly_amount AS amount,
    max(currency) OVER (PARTITION BY account) AS currency,
    max(monthly_amount) OVER (PARTITION BY account) AS most,
    min(CASE WHEN monthly_amount > 0 THEN "at" END) OVER (PARTITION BY account) AS first_paid_at,
    "at" AS from_time,
    lead("at") OVER (PARTITION BY account, site ORDER BY "at", monthly_amount) AS until_time
  FROM events
  CROSS JOIN parameters
  WHERE monthly_amount IS NOT NULL AND (only_offer IS NULL OR offer = only_offer)
),
months AS (
  SELECT
    date_trunc('month', from_at) + (sevens.n * 7 + ones.n) * INTERVAL '1' MONTH AS month_at,
    date_trunc('month', from_at) + (sevens.n * 7 + ones.n + 1) * INTERVAL '1' MONTH AS next_at
  FROM parameters
  CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6)) AS sevens (n)
  CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6)) AS ones (n)
),
accounts AS (
  SELECT
    month_at,
    account,
    currency,
    CASE WHEN min(first_paid_at) < month_at THEN 1 ELSE 0 END AS has_paid,
    sum(CASE WHEN from_time < month_at AND (until_time IS NULL OR until_time >= month_at) THEN amount ELSE 0 END) AS start_sum,
    sum(CASE WHEN from_time < next_at AND (until_time IS NULL OR until_time >= next_at) THEN amount ELSE 0 END) AS end_sum
  FROM changes
  CROSS JOIN months
  CROSS JOIN parameters
  WHERE most > 0 AND amount > 0 AND month_at < until_at AND from_time < next_at AND (until_time IS NULL OR until_time >= month_at)
  GROUP BY month_at, account, currency
)
SELECT
  CAST(CAST(month_at AS DATE) AS VARCHAR) AS month,
  currency,
  CAST(sum(start_sum) AS BIGINT) AS start_amount,
  CAST(sum(CASE WHEN start_sum = 0 AND has_paid = 0 THEN end_sum ELSE 0 END) AS BIGINT) AS new_amount,
  CAST(sum(CASE WHEN start_sum = 0 AND has_paid = 1 THEN end_sum ELSE 0 END) AS BIGINT) AS returned_amount,
  CAST(sum(CASE WHEN start_sum > 0 AND end_sum > start_sum THEN end_sum - start_sum ELSE 0 END) AS BIGINT) AS expansion,
  CAST(sum(CASE WHEN end_sum > 0 AND end_sum < start_sum THEN end_sum - start_sum ELSE 0 END) AS BIGINT) AS contraction,
  CAST(sum(CASE WHEN start_sum > 0 AND end_sum = 0 THEN -start_sum ELSE 0 END) AS BIGINT) AS churn,
  CAST(sum(end_sum) AS BIGINT) AS end_amount,
  count(CASE WHEN end_sum > 0 THEN 1 END) AS customers,
  count(CASE WHEN start_sum > 0 AND end_sum = 0 THEN 1 END) AS churned
FROM accounts
GROUP BY month_at, currency
ORDER BY month_at, currency
