//! The tables, as Diesel sees them: the same on both databases. A test compares it with what the migrations make.

#![allow(missing_docs, unreachable_pub, reason = "generated from the migrations")]

diesel::table! {
    addresses (id) {
        id -> Text,
        customer_id -> Text,
        country -> Text,
        content -> Binary,
        default_shipping -> Bool,
        default_billing -> Bool,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    api_keys (id) {
        id -> Text,
        key_hash -> Text,
        name -> Text,
        rights -> Text,
        created_by -> Text,
        expires_at -> Nullable<Timestamp>,
        last_used_at -> Nullable<Timestamp>,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    audit_log (id) {
        id -> Text,
        actor_id -> Nullable<Text>,
        action -> Text,
        subject_id -> Nullable<Text>,
        outcome -> Text,
        data -> Text,
        sealed_for -> Nullable<Text>,
        source -> Nullable<Binary>,
        occurred_at -> Timestamp,
    }
}

diesel::table! {
    attribute_definitions (id) {
        id -> Text,
        key -> Text,
        label -> Text,
        kind -> Text,
        unit -> Nullable<Text>,
        filterable -> Bool,
        position -> Integer,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    product_attribute_values (product_id, key, slug) {
        product_id -> Text,
        key -> Text,
        slug -> Text,
        number -> Nullable<Double>,
    }
}

diesel::table! {
    brands (id) {
        id -> Text,
        slug -> Text,
        name -> Text,
        name_folded -> Text,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        external_id -> Nullable<Text>,
    }
}

diesel::table! {
    cart_lines (id) {
        id -> Text,
        cart_id -> Text,
        variant_id -> Text,
        quantity -> Integer,
        price_when_added -> Nullable<BigInt>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    carts (id) {
        id -> Text,
        token_hash -> Nullable<Text>,
        customer_id -> Nullable<Text>,
        status -> Text,
        currency -> Text,
        contact -> Nullable<Binary>,
        email_hash -> Nullable<Text>,
        country -> Nullable<Text>,
        shipping_option_id -> Nullable<Text>,
        order_id -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    categories (id) {
        id -> Text,
        external_id -> Nullable<Text>,
        slug -> Text,
        name -> Text,
        parent_id -> Nullable<Text>,
        position -> Integer,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    collection_products (collection_id, product_id) {
        collection_id -> Text,
        product_id -> Text,
        position -> Integer,
    }
}

diesel::table! {
    collection_rule_brands (collection_id, brand_id) {
        collection_id -> Text,
        brand_id -> Text,
    }
}

diesel::table! {
    collection_rule_categories (collection_id, category_id) {
        collection_id -> Text,
        category_id -> Text,
    }
}

diesel::table! {
    collections (id) {
        id -> Text,
        external_id -> Nullable<Text>,
        slug -> Text,
        name -> Text,
        name_folded -> Text,
        description -> Text,
        kind -> Text,
        rules -> Nullable<Text>,
        published -> Bool,
        position -> Integer,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    customer_group_members (customer_id, group_id) {
        customer_id -> Text,
        group_id -> Text,
    }
}

diesel::table! {
    customer_groups (id) {
        id -> Text,
        name -> Text,
        name_folded -> Text,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    customer_notes (id) {
        id -> Text,
        customer_id -> Text,
        author_id -> Text,
        content -> Binary,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    customer_tags (customer_id, tag) {
        customer_id -> Text,
        tag -> Text,
    }
}

diesel::table! {
    customers (id) {
        id -> Text,
        external_id -> Nullable<Text>,
        email_hash -> Text,
        email -> Binary,
        name -> Nullable<Binary>,
        email_verified -> Bool,
        disabled_at -> Nullable<Timestamp>,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    events (id) {
        id -> Text,
        position -> Nullable<BigInt>,
        #[sql_name = "type"]
        type_ -> Text,
        subject -> Text,
        subject_version -> BigInt,
        data -> Text,
        occurred_at -> Timestamp,
    }
}

diesel::table! {
    former_brand_slugs (slug) {
        slug -> Text,
        brand_id -> Text,
    }
}

diesel::table! {
    former_category_slugs (slug) {
        slug -> Text,
        category_id -> Text,
    }
}

diesel::table! {
    former_collection_slugs (slug) {
        slug -> Text,
        collection_id -> Text,
    }
}

diesel::table! {
    former_product_slugs (slug) {
        slug -> Text,
        product_id -> Text,
    }
}

diesel::table! {
    idempotency_keys (scope, key_hash) {
        scope -> Text,
        key_hash -> Text,
        body_mac -> Binary,
        order_id -> Nullable<Text>,
        answer -> Nullable<Binary>,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    images (id) {
        id -> Text,
        product_id -> Text,
        hash -> Text,
        alt -> Text,
        width -> Integer,
        height -> Integer,
        placeholder -> Text,
        renditions -> Text,
        position -> Integer,
        created_at -> Timestamp,
        focal_point -> Nullable<Text>,
    }
}

diesel::table! {
    ledger_entries (id) {
        id -> Text,
        transaction_id -> Text,
        account -> Text,
        amount -> BigInt,
        currency -> Text,
        order_id -> Text,
        occurred_at -> Timestamp,
    }
}

diesel::table! {
    locations (id) {
        id -> Text,
        name -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    login_challenges (token_hash) {
        token_hash -> Text,
        owner_id -> Text,
        arrival -> Binary,
        tries -> Integer,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    logins (email_hash) {
        email_hash -> Text,
        owner_id -> Text,
        password_hash -> Text,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    mails (id) {
        id -> Text,
        kind -> Text,
        state -> Text,
        owner_id -> Nullable<Text>,
        email_hash -> Text,
        content -> Nullable<Binary>,
        tries -> Integer,
        due_at -> Timestamp,
        token_hash -> Nullable<Text>,
        token_expires_at -> Nullable<Timestamp>,
        token_used_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        sent_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    order_lines (id) {
        id -> Text,
        order_id -> Text,
        position -> Integer,
        variant_id -> Text,
        product_id -> Text,
        name -> Text,
        sku -> Text,
        options -> Text,
        quantity -> Integer,
        unit_price -> BigInt,
        discount -> BigInt,
        tax -> BigInt,
        line_total -> BigInt,
        shipped_quantity -> Integer,
        refunded_quantity -> Integer,
        restocked_quantity -> Integer,
    }
}

diesel::table! {
    order_numbers (last) {
        last -> BigInt,
    }
}

diesel::table! {
    orders (id) {
        id -> Text,
        number -> Nullable<BigInt>,
        external_id -> Nullable<Text>,
        cart_id -> Text,
        customer_id -> Nullable<Text>,
        status -> Text,
        payment_status -> Text,
        fulfillment_status -> Text,
        currency -> Text,
        contact -> Binary,
        email_hash -> Text,
        country -> Text,
        region -> Nullable<Text>,
        postal_code -> Nullable<Text>,
        shipping_option -> Text,
        subtotal -> BigInt,
        discount -> BigInt,
        shipping -> BigInt,
        tax -> BigInt,
        total -> BigInt,
        gift_cards -> BigInt,
        store_credit -> BigInt,
        due -> BigInt,
        taxes -> Text,
        paid -> BigInt,
        refunded -> BigInt,
        token_generation -> Integer,
        deadline -> Nullable<Timestamp>,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    payments (id) {
        id -> Text,
        order_id -> Text,
        provider -> Text,
        status -> Text,
        amount -> BigInt,
        currency -> Text,
        captured -> BigInt,
        refunded -> BigInt,
        provider_id -> Nullable<Text>,
        card -> Nullable<Text>,
        decline_code -> Nullable<Text>,
        call_began_at -> Timestamp,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    person_keys (owner_id) {
        owner_id -> Text,
        wrapped -> Binary,
        created_at -> Timestamp,
    }
}

diesel::table! {
    prices (variant_id, currency) {
        variant_id -> Text,
        currency -> Text,
        amount -> BigInt,
        compare_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    product_categories (product_id, category_id) {
        product_id -> Text,
        category_id -> Text,
        position -> Integer,
    }
}

diesel::table! {
    product_price_ranges (product_id, currency) {
        product_id -> Text,
        currency -> Text,
        min_amount -> BigInt,
        max_amount -> BigInt,
        min_compare_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    product_popularity (product_id) {
        product_id -> Text,
        score -> BigInt,
        day -> BigInt,
        rank -> Nullable<BigInt>,
        shown_at -> Nullable<Timestamp>,
        is_due -> Bool,
    }
}

diesel::table! {
    products (id) {
        id -> Text,
        external_id -> Nullable<Text>,
        slug -> Text,
        name -> Text,
        name_folded -> Text,
        description -> Text,
        status -> Text,
        brand_id -> Nullable<Text>,
        options -> Text,
        attributes -> Text,
        availability -> Text,
        publish_at -> Nullable<Timestamp>,
        unpublish_at -> Nullable<Timestamp>,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    recovery_codes (code_hash) {
        code_hash -> Text,
        owner_id -> Text,
    }
}

diesel::table! {
    refresh_tokens (token_hash) {
        token_hash -> Text,
        session_id -> Text,
        nonce -> Binary,
        successor_hash -> Nullable<Text>,
        replaced_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    refund_lines (refund_id, line_id) {
        refund_id -> Text,
        line_id -> Text,
        quantity -> Integer,
        restocked -> Bool,
    }
}

diesel::table! {
    refunds (id) {
        id -> Text,
        order_id -> Text,
        payment_id -> Text,
        status -> Text,
        amount -> BigInt,
        reason -> Nullable<Binary>,
        call_began_at -> Timestamp,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    reservations (line_id, location_id) {
        line_id -> Text,
        variant_id -> Text,
        location_id -> Text,
        order_id -> Text,
        state -> Text,
        quantity -> BigInt,
        deadline -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    roles (id) {
        id -> Text,
        built_in -> Nullable<Text>,
        name -> Text,
        name_folded -> Text,
        rights -> Text,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    sales_counted (position) {
        position -> BigInt,
    }
}

diesel::table! {
    search_counts (day, query) {
        day -> Timestamp,
        query -> Text,
        searches -> BigInt,
        without_results -> BigInt,
        results -> BigInt,
        weight -> BigInt,
    }
}

diesel::table! {
    second_factors (owner_id) {
        owner_id -> Text,
        secret -> Binary,
        confirmed_at -> Nullable<Timestamp>,
        last_step -> BigInt,
        failures -> Integer,
        next_try_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    sessions (id) {
        id -> Text,
        owner_id -> Text,
        created_at -> Timestamp,
        last_used_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        device -> Nullable<Binary>,
    }
}

diesel::table! {
    shipment_lines (shipment_id, line_id) {
        shipment_id -> Text,
        line_id -> Text,
        quantity -> Integer,
    }
}

diesel::table! {
    shipments (id) {
        id -> Text,
        order_id -> Text,
        carrier -> Nullable<Text>,
        tracking_number -> Nullable<Text>,
        tracking_url -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    shipping_options (id) {
        id -> Text,
        zone_id -> Text,
        name -> Text,
        days_min -> Nullable<Integer>,
        days_max -> Nullable<Integer>,
        position -> Integer,
    }
}

diesel::table! {
    shipping_prices (option_id, currency) {
        option_id -> Text,
        currency -> Text,
        amount -> BigInt,
    }
}

diesel::table! {
    shipping_zone_countries (country) {
        country -> Text,
        zone_id -> Text,
    }
}

diesel::table! {
    shipping_zones (id) {
        id -> Text,
        name -> Text,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    shop_state (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    staff (id) {
        id -> Text,
        email_hash -> Text,
        email -> Binary,
        name -> Nullable<Binary>,
        disabled_at -> Nullable<Timestamp>,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        role_id -> Text,
    }
}

diesel::table! {
    staff_invitations (id) {
        id -> Text,
        email_hash -> Text,
        email -> Binary,
        name -> Nullable<Binary>,
        role_id -> Text,
        invited_by -> Text,
        expires_at -> Timestamp,
        created_at -> Timestamp,
    }
}

diesel::table! {
    stock_items (variant_id) {
        variant_id -> Text,
        version -> BigInt,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    stock_levels (variant_id, location_id) {
        variant_id -> Text,
        location_id -> Text,
        on_hand -> BigInt,
        reserved -> BigInt,
        backordered -> BigInt,
        safety_stock -> BigInt,
    }
}

diesel::table! {
    stock_movements (id) {
        id -> Text,
        variant_id -> Text,
        location_id -> Text,
        delta -> BigInt,
        cause -> Text,
        reason -> Nullable<Text>,
        order_id -> Nullable<Text>,
        actor_id -> Nullable<Text>,
        occurred_at -> Timestamp,
    }
}

diesel::table! {
    synonyms (id) {
        id -> Text,
        words -> Text,
        from_words -> Text,
        to_words -> Text,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    tax_rates (id) {
        id -> Text,
        country -> Text,
        name -> Text,
        rate -> Text,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    variants (id) {
        id -> Text,
        product_id -> Text,
        external_id -> Nullable<Text>,
        sku -> Text,
        name -> Text,
        options -> Text,
        barcode -> Nullable<Text>,
        weight_grams -> Nullable<Integer>,
        image_id -> Nullable<Text>,
        availability -> Text,
        position -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        min_order_quantity -> Integer,
        max_order_quantity -> Nullable<Integer>,
    }
}

diesel::joinable!(addresses -> customers (customer_id));
diesel::joinable!(cart_lines -> carts (cart_id));
diesel::joinable!(cart_lines -> variants (variant_id));
diesel::joinable!(carts -> customers (customer_id));
diesel::joinable!(carts -> shipping_options (shipping_option_id));
diesel::joinable!(collection_products -> collections (collection_id));
diesel::joinable!(collection_products -> products (product_id));
diesel::joinable!(collection_rule_brands -> brands (brand_id));
diesel::joinable!(collection_rule_brands -> collections (collection_id));
diesel::joinable!(collection_rule_categories -> categories (category_id));
diesel::joinable!(collection_rule_categories -> collections (collection_id));
diesel::joinable!(customer_group_members -> customer_groups (group_id));
diesel::joinable!(customer_group_members -> customers (customer_id));
diesel::joinable!(customer_notes -> customers (customer_id));
diesel::joinable!(customer_tags -> customers (customer_id));
diesel::joinable!(former_brand_slugs -> brands (brand_id));
diesel::joinable!(former_category_slugs -> categories (category_id));
diesel::joinable!(former_collection_slugs -> collections (collection_id));
diesel::joinable!(former_product_slugs -> products (product_id));
diesel::joinable!(images -> products (product_id));
diesel::joinable!(order_lines -> orders (order_id));
diesel::joinable!(orders -> customers (customer_id));
diesel::joinable!(payments -> orders (order_id));
diesel::joinable!(prices -> variants (variant_id));
diesel::joinable!(product_attribute_values -> products (product_id));
diesel::joinable!(product_categories -> categories (category_id));
diesel::joinable!(product_categories -> products (product_id));
diesel::joinable!(product_price_ranges -> products (product_id));
diesel::joinable!(product_popularity -> products (product_id));
diesel::joinable!(products -> brands (brand_id));
diesel::joinable!(recovery_codes -> second_factors (owner_id));
diesel::joinable!(refresh_tokens -> sessions (session_id));
diesel::joinable!(refund_lines -> order_lines (line_id));
diesel::joinable!(refund_lines -> refunds (refund_id));
diesel::joinable!(refunds -> orders (order_id));
diesel::joinable!(refunds -> payments (payment_id));
diesel::joinable!(reservations -> locations (location_id));
diesel::joinable!(shipment_lines -> order_lines (line_id));
diesel::joinable!(shipment_lines -> shipments (shipment_id));
diesel::joinable!(shipments -> orders (order_id));
diesel::joinable!(shipping_options -> shipping_zones (zone_id));
diesel::joinable!(shipping_prices -> shipping_options (option_id));
diesel::joinable!(shipping_zone_countries -> shipping_zones (zone_id));
diesel::joinable!(api_keys -> staff (created_by));
diesel::joinable!(staff -> roles (role_id));
diesel::joinable!(staff_invitations -> roles (role_id));
diesel::joinable!(stock_items -> variants (variant_id));
diesel::joinable!(stock_levels -> locations (location_id));
diesel::joinable!(stock_levels -> stock_items (variant_id));
diesel::joinable!(stock_movements -> locations (location_id));
diesel::joinable!(variants -> images (image_id));
diesel::joinable!(variants -> products (product_id));

diesel::allow_tables_to_appear_in_same_query!(
    addresses,
    api_keys,
    attribute_definitions,
    audit_log,
    brands,
    cart_lines,
    carts,
    categories,
    collection_products,
    collection_rule_brands,
    collection_rule_categories,
    collections,
    customer_group_members,
    customer_groups,
    customer_notes,
    customer_tags,
    customers,
    events,
    former_brand_slugs,
    former_category_slugs,
    former_collection_slugs,
    former_product_slugs,
    idempotency_keys,
    images,
    ledger_entries,
    locations,
    login_challenges,
    logins,
    mails,
    order_lines,
    order_numbers,
    orders,
    payments,
    person_keys,
    prices,
    product_attribute_values,
    product_categories,
    product_popularity,
    product_price_ranges,
    products,
    recovery_codes,
    refresh_tokens,
    refund_lines,
    refunds,
    reservations,
    roles,
    sales_counted,
    search_counts,
    second_factors,
    sessions,
    shipment_lines,
    shipments,
    shipping_options,
    shipping_prices,
    shipping_zone_countries,
    shipping_zones,
    shop_state,
    staff,
    staff_invitations,
    stock_items,
    stock_levels,
    stock_movements,
    synonyms,
    tax_rates,
    variants,
);
