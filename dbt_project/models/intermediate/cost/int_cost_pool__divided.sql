{{ divided_pools(
    within(ref('int_cost_pool__assembled'), of_costed_months(), 'pool'),
    ref('int_charge_base__weighed'),
) }}
