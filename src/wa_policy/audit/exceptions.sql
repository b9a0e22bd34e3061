-- The rows to be looked at, one for each reason: personal data, written on request alone (--exceptions), by DuckDB.
-- It reads the table "typed" of opt_in.sql.
WITH users AS (
  SELECT id, phone, status, number FROM typed WHERE side = 1
),

ids AS (
  SELECT
    id,
    COUNT(CASE WHEN side = 1 THEN 1 END) AS user_rows,
    MAX(CASE WHEN status = 1 THEN 1 ELSE 0 END) AS is_true,
    MAX(CASE WHEN status = 2 THEN 1 ELSE 0 END) AS is_false,
    MAX(CASE WHEN status = 1024 THEN 1 ELSE 0 END) AS import_blank
  FROM typed
  WHERE id IS NOT NULL
  GROUP BY id
  HAVING user_rows > 1 OR import_blank = 1
),

numbers AS (
  SELECT
    phone,
    COUNT(CASE WHEN side = 1 THEN 1 END) AS user_rows,
    MAX(CASE WHEN status = 1 THEN 1 ELSE 0 END) AS is_true,
    MAX(CASE WHEN status = 2 THEN 1 ELSE 0 END) AS is_false,
    MAX(CASE WHEN status = 128 THEN 1 ELSE 0 END) AS is_in,
    MAX(CASE WHEN status = 256 THEN 1 ELSE 0 END) AS is_out
  FROM typed
  WHERE phone IS NOT NULL
  GROUP BY phone
),

found AS (
  SELECT 'status invalid' AS reason, id, phone, status FROM users WHERE status > 4
  UNION ALL
  SELECT 'number not E.164' AS reason, id, phone, status FROM users WHERE number > 6
  UNION ALL
  SELECT CASE WHEN ids.is_true = 1 AND ids.is_false = 1 THEN 'id contradicting' ELSE 'id repeated' END AS reason, id, phone, status
  FROM users
  INNER JOIN ids USING (id)
  WHERE ids.user_rows > 1
  UNION ALL
  SELECT
    CASE WHEN numbers.is_true = 1 AND numbers.is_false = 1 THEN 'number contradicting' ELSE 'number repeated' END AS reason,
    id, phone, status
  FROM users
  INNER JOIN numbers USING (phone)
  WHERE numbers.user_rows > 1
  UNION ALL
  SELECT
    CASE
      WHEN status = 1 AND is_out = 1 THEN 'TRUE but opted out at the provider'
      WHEN status = 1 THEN 'TRUE but unknown to the provider'
      ELSE 'not TRUE but opted in at the provider'
    END AS reason,
    id, phone, status
  FROM users
  INNER JOIN numbers USING (phone)
  WHERE EXISTS (SELECT 1 FROM typed WHERE side = 2)
    AND ((status = 1 AND NOT (is_in = 1 AND is_out = 0)) OR (status <> 1 AND is_in = 1 AND is_out = 0))
  UNION ALL
  SELECT 'only at the provider' AS reason, CAST(NULL AS VARCHAR) AS id, phone, CAST(NULL AS SMALLINT) AS status
  FROM numbers
  WHERE user_rows = 0
  UNION ALL
  SELECT 'the import would wipe it' AS reason, id, phone, status
  FROM users
  INNER JOIN ids USING (id)
  WHERE ids.import_blank = 1 AND status IN (1, 2)
)

SELECT
  reason,
  id,
  '+' || CAST(phone AS VARCHAR) AS mobile,
  CASE WHEN status = 1 THEN 'TRUE' WHEN status = 2 THEN 'FALSE' WHEN status = 4 THEN 'blank' WHEN status > 4 THEN 'invalid' END AS status
FROM found
