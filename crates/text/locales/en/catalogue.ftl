# The front page, the list of products, and the page of one product.

## Front page

home-about = Good things for home and desk, paid for with a code on your own phone.
home-title = Good things, calmly sold
home-categories = Browse by category
home-new = New in the shop
home-headline = Small things that make a room yours.
home-promise = Made well, priced plainly. Nobody but you can pay: every order is confirmed with a code on your own phone.
home-shop = Shop all products
# $count is the number of products in a category.
home-products =
    { $count ->
        [one] { $count } product
       *[other] { $count } products
    }

## List of products

catalogue-all = All products
# $query is what was searched for, $place a category or "All products".
catalogue-found = “{ $query }” in { $place }
# For search engines. $title is the title of the list.
catalogue-about = { $title }: browse the whole shop by category, price and name.
catalogue-results = Products found
catalogue-filters = Products
catalogue-search = Search
catalogue-category = Category
catalogue-any-category = All
catalogue-sort = Sort by
catalogue-show = Show
catalogue-nothing = Nothing matches that.
catalogue-nothing-advice = Try another word, or look at everything.
# $price is the lowest price of a product.
catalogue-from = from { $price }
sold-out = Sold out
sort-newest = Newest first
sort-price-up = Price, low to high
sort-price-down = Price, high to low
sort-name = Name

## One product

# The alternative text of a picture: $product is a name, $colour a colour.
product-picture = { $product } in { $colour }
product-related = You may also like
# The lowest and the highest price of a product.
product-prices = { $low } to { $high }
product-colour = Colour:
product-add = Add to cart
product-size = Size
# $count is the number of pieces that are left.
product-few = Only { $count } left
product-in-stock = In stock
product-quantity = Quantity

## Colours

# $name is the word for the colour in addresses.
colour =
    { $name ->
        [marigold] Marigold
        [ink] Ink
        [sage] Sage
        [clay] Clay
        [sky] Sky
        [rose] Rose
        [oat] Oat
        [plum] Plum
        [moss] Moss
        [slate] Slate
       *[other] { $name }
    }
