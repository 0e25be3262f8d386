-- How many accounts of each variant of an offer that signed up in the period were activated, and paid, until now.
-- The report compares the variants of an offer with the first one of them, with a Newcombe interval.
-- offer, variant: which. accounts: how many signed up in the period. activated, paid: how many of these were, until now.
WITH accounts AS (
  SELECT
    account,
    min(offer) AS offer,
    min(variant) AS variant,
    max(CASE WHEN type = 'LeadActivated' OR stage IN ('activated', 'engaged', 'customer', 'expanding', 'at-risk') THEN 1 ELSE 0 END) AS activated,
    max(CASE WHEN monthly_amount > 0 THEN 1 ELSE 0 END) AS paid
  FROM events
  CROSS JOIN parameters
  WHERE variant IS NOT NULL AND signed_up_at >= from_at AND signed_up_at < until_at AND (only_offer IS NULL OR offer = only_offer)
  GROUP BY account
)
SELECT
  offer,
  variant,
  count(*) AS accounts,
  CAST(sum(activated) AS BIGINT) AS activated,
  CAST(sum(paid) AS BIGINT) AS paid
FROM accounts
GROUP BY offer, variant
ORDER BY offer, variant
