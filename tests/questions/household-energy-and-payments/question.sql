WITH moved (customer, what, how, year, value, direction, unit) AS (
  SELECT p.customer, 'energy used', 'metered', substr(r.phenomenon_period_start, 1, 4),
    r.result_quantity_value, NULL, r.result_quantity_unit
  FROM cdr.MeterReading r JOIN cdr.UsagePoint p ON p.id = r.usage_point
  UNION ALL
  SELECT p.customer, 'energy used', 'metered', substr(b.phenomenon_period_start, 1, 4), b.total_value, NULL, b.total_unit
  FROM cdr.IntervalBlock b JOIN cdr.UsagePoint p ON p.id = b.usage_point
  UNION ALL
  SELECT c.value, 'charged for use', i.payment_status, substr(i.issued_on, 1, 4), l.amount_value, NULL, l.amount_currency
  FROM cdr.Invoice i
  JOIN cdr.Invoice_lines_allowances_and_charges l ON l.Invoice_id = i.id AND l.reason_code = 'totalUsageCharges'
  JOIN cdr.Invoice_billed_agreements a ON a.Invoice_id = i.id
  JOIN cdr.EnergyAccount_customers c ON c.EnergyAccount_id = a.value
  UNION ALL
  SELECT c.value, 'payment booked by a supplier', t.payment_method_code, '', t.cost_value, t.cost_direction, t.cost_currency
  FROM cdr.EnergyAccountTransaction t
  JOIN cdr.EnergyAccount_customers c ON c.EnergyAccount_id = t.energy_account
  WHERE t.transaction_kind = 'payment'
  UNION ALL
  SELECT c.value, 'booked on a bank account', '', substr(t.booked_at, 1, 4), t.amount_value, t.amount_direction, t.amount_currency
  FROM cdr.FinancialTransaction t
  JOIN cdr.FinancialAccount_customers c ON c.FinancialAccount_id = t.account
)
SELECT h.name AS household, what, how, year, count(*) AS number,
  round(sum(CASE direction WHEN 'debit' THEN -value ELSE value END), 3) AS total, unit
FROM moved JOIN cdr.Person h ON h.id = moved.customer
GROUP BY household, what, how, year, unit
ORDER BY household, what, how, year
